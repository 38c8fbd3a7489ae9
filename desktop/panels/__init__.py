"""What stands beside and around the timeline."""
