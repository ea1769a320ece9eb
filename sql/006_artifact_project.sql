-- Statistics of a project count its artifacts and add up their sizes: from the index alone, not from every artifact
-- of the instance.
CREATE INDEX artifact_project ON artifact (project_id) INCLUDE (byte_size);
