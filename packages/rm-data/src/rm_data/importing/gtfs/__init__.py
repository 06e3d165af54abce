"""Networks from GTFS feeds (General Transit Feed Specification, gtfs.org)."""
