# cdp
