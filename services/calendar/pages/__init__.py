"""The curator's pages: the queue, an entry, a year's programme. They work without scripts."""
