# url
