"""Independent judges of every calendar file: four readers (`panel`) and a byte linter (`lint`)."""
