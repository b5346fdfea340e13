"""Pages of the form: a new event, a change, a draft that is continued."""
