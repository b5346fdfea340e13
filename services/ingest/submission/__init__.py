"""Submissions: rules, form, API, pages, storage."""
