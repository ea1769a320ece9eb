/* The confined parse child. Started by the API and the crawler over a channel; of no use by hand. */
#include "base/first.h"
#include "extract/parse.h"

int main(void)
{
	return serve(parse_request, parse_prepare);
}
