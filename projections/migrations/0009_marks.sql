-- Under which key the rows of a slot say which transfers are marked (Order 11); NULL: it has none. A
-- slot that had followed the log before goes on without until it is built anew.
ALTER TABLE projections.progress ADD COLUMN marks text COLLATE "C";
