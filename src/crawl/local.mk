# crawl
