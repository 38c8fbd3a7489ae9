"""From the highlight curve to cuts."""
