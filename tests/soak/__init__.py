"""The long runs: hundreds of kills, tens of thousands of reminders, storms and chaos (`make soak`).

`SOAK_MINUTES` (10) is the length of storms and chaos, `SOAK_KILLS` (500) the number of killed
sends on each database, `SOAK_PEOPLE` (20000) that of people who are reminded. Each test prints its
figures in one line.
"""
