"""Makes chat calls with the official Python client, as its documentation has it."""

import asyncio

from openai import AsyncOpenAI

from calls import MODEL, arguments, measure, messages


async def main():
    url, calls, concurrency = arguments()
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def call(number):
            answer = await client.chat.completions.create(
                model=MODEL,
                messages=messages(number),
                temperature=0.0,
                top_p=1.0,
                max_tokens=256,
            )
            return answer.choices[0].message.content

        await measure(call, calls, concurrency)


asyncio.run(main())
