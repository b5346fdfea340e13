"""The form of an event: its texts read and shown again, with errors. Pure but for its pages."""
