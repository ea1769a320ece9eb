# unit programs of src/blob
