"""Networks from elsewhere: published station lists, GTFS feeds, JSON; read, repaired, written."""
