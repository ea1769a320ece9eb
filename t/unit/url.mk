# unit programs of src/url
