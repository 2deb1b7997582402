-- A layer has the hash tree that its blob ends with.
ALTER TABLE layers ADD COLUMN root_hash TEXT;
ALTER TABLE layers ADD COLUMN hash_offset INTEGER CHECK ((hash_offset IS NULL) = (root_hash IS NULL));
