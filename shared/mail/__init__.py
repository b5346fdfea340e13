"""Mail: texts in the reader's language, an outbox of jobs, sending over SMTP."""
