// How a reader is told what to read, and tells what it read: node READER.mjs PACKAGE PLAN

/** Reads each stream of the plan: read(url) yields what it reads. */
export async function readAll(read) {
  for (const url of JSON.parse(process.argv[3]).urls.flat()) {
    let end = 'end'
    try {
      for await (const item of read(url)) say(url, item)
    } catch (error) {
      end = String(error)
    }
    say(url, end)
  }
}

const say = (url, what) => console.log(JSON.stringify([url, what]))
