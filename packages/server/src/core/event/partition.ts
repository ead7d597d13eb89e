/**
 * The log's one partition: every event has its place in one order. What reads, follows or counts the log asks for this
 * partition; ports, rows and delivery ids name the partition all the same. Why, and what more of them would change:
 * docs/decisions/0015-one-partition.md.
 */
export const onlyPartition = 0
