"""The in-memory replica of the programme's topic, with snapshot and journal."""
