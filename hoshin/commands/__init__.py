"""Use cases, one verb per function: require, change, write the journal. They never commit; the door does, once."""
