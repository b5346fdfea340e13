"""What an operator does by hand, one file a noun: accounts and keys, the region pack, parked records, the demo."""
