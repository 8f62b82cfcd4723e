"""The larger commands of `noon`, each loaded only when it is called."""
