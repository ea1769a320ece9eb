# blob
