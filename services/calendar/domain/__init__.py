"""The rules of reviewing, pure: values in, values and messages out; no clock, no client, no waiting."""
