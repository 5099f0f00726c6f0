// The part that every reader with the platform's interface has.

/**
 * Reads all streams of a plan.
 *
 * @param plan  {types, urls}
 * @param open  (url) => EventSource
 * @param say   (line) => {}, for each thing that is read
 */
export async function run({ types, urls }, open, say) {
  const read = (url) =>
    new Promise((resolve) => {
      const source = open(url)
      let silence
      const wait = () => {
        clearTimeout(silence)
        silence = setTimeout(end, 8000, 'silent')
      }
      const end = (how) => {
        clearTimeout(silence)
        source.close()
        say([url, how])
        resolve()
      }
      for (const type of types) {
        source.addEventListener(type, (event) => {
          // The platform's own 'error' has no data; a stream's has. After its own it reconnects by itself, if it can.
          if (event.data === undefined) return source.readyState === 2 && end('closed')
          if (type === 'end') return end('end')
          wait()
          say([url, [event.type, event.data, event.lastEventId]])
        })
      }
      wait()
    })
  const one_by_one = async (list) => {
    for (const url of list) await read(url)
  }
  await Promise.all(urls.map(one_by_one))
}
