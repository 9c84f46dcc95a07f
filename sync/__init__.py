"""The shared workbook, the plan, the journeys and the command line."""
