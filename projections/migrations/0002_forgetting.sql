-- Rows of expired events are found by their position and deleted. A B-tree for that would be as
-- large as the tables; rows come in the order of positions, so a summary a block range will do.
-- Multi: once rows were deleted, their pages take new ones, and a range then holds two stretches of
-- positions that a single minimum and maximum would not tell apart.
CREATE INDEX entries_a_position ON projections.entries_a
    USING brin (position int8_minmax_multi_ops) WITH (autosummarize = on);
CREATE INDEX entries_b_position ON projections.entries_b
    USING brin (position int8_minmax_multi_ops) WITH (autosummarize = on);
CREATE INDEX reliances_a_position ON projections.reliances_a
    USING brin (position int8_minmax_multi_ops) WITH (autosummarize = on);
CREATE INDEX reliances_b_position ON projections.reliances_b
    USING brin (position int8_minmax_multi_ops) WITH (autosummarize = on);
