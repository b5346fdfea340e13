"""The rules of sending in an event: what is accepted, and what an organisation may do with a submission. Pure."""
