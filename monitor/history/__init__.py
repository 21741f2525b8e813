"""History: durable records of calls, written in batches and read by cursor."""
