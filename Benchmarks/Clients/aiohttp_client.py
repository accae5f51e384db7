"""Makes chat calls with aiohttp: the request is written and the answer read as JSON, nothing more."""

import asyncio

import aiohttp

from calls import MODEL, arguments, measure, messages


async def main():
    url, calls, concurrency = arguments()
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

        async def call(number):
            body = {
                "model": MODEL,
                "messages": messages(number),
                "temperature": 0.0,
                "top_p": 1.0,
                "max_tokens": 256,
            }
            async with session.post(url + "/chat/completions", json=body) as response:
                answer = await response.json()
            return answer["choices"][0]["message"]["content"]

        await measure(call, calls, concurrency)


asyncio.run(main())
