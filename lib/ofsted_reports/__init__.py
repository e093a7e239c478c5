"""Ofsted's own reports: read twice in a worker with limits, certain only where two readers agree."""
