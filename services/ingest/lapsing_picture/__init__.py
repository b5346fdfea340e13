"""Pictures whose licence ends soon: their organisations are told by mail, three weeks before."""
