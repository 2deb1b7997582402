-- One row a lazy layer, and one for each index that a layer once had: the generation stays.
CREATE TABLE layers (
  layer      INTEGER PRIMARY KEY CHECK (layer BETWEEN 1 AND 8191),
  generation INTEGER NOT NULL,
  blob       TEXT UNIQUE, -- null when the index is free
  size       INTEGER NOT NULL,
  user       INTEGER NOT NULL,
  "group"    INTEGER NOT NULL,
  released   INTEGER NOT NULL DEFAULT 0, -- nanoseconds since the epoch; the longest free is reused first
  root_hash   TEXT, -- hexadecimal; null when the blob has no hash tree
  hash_offset INTEGER CHECK ((hash_offset IS NULL) = (root_hash IS NULL)) -- bytes
) STRICT;

-- The images that a layer was asked for by.
CREATE TABLE images (
  layer INTEGER NOT NULL REFERENCES layers (layer),
  image TEXT NOT NULL,
  PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  key     TEXT NOT NULL UNIQUE,
  parent  INTEGER REFERENCES snapshots (id),
  kind    INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3), -- view, active, committed
  layer   INTEGER REFERENCES layers (layer),
  created INTEGER NOT NULL, -- nanoseconds since the epoch
  updated INTEGER NOT NULL,
  size    INTEGER NOT NULL DEFAULT 0, -- what a committed snapshot takes on the disk, bytes
  inodes  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX children ON snapshots (parent);
CREATE INDEX users ON snapshots (layer);

CREATE TABLE labels (
  snapshot INTEGER NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
  name     TEXT NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (snapshot, name)
) STRICT, WITHOUT ROWID;

-- A remote layer is looked for by the name that containerd wants it committed under.
CREATE INDEX targets ON labels (value) WHERE name = 'containerd.io/snapshot.ref';
