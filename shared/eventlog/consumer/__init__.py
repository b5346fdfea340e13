"""The consumer loop: handling, retries, crash guard, lag."""
