-- One row a lazy layer, and one for each index that a layer once had: the generation stays.
CREATE TABLE layers (
  layer      INTEGER PRIMARY KEY CHECK (layer BETWEEN 1 AND 8191),
  generation INTEGER NOT NULL,
  blob       TEXT UNIQUE, -- null when the index is free
  size       INTEGER NOT NULL,
  user       INTEGER NOT NULL,
  "group"    INTEGER NOT NULL,
  released   INTEGER NOT NULL DEFAULT 0 -- nanoseconds since the epoch; the longest free is reused first
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

-- What a daemon of that version left: one layer that one snapshot uses, and an index that is free.
INSERT INTO layers (layer, generation, blob, size, user, "group")
VALUES (1, 3, 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', 4096, 5, 6);
INSERT INTO layers (layer, generation, blob, size, user, "group", released) VALUES (2, 1, NULL, 1, 0, 0, 9);
INSERT INTO images (layer, image) VALUES (1, 'r/one:1');
INSERT INTO snapshots (key, kind, layer, created, updated) VALUES ('old', 3, 1, 1, 1);
PRAGMA user_version = 1;
