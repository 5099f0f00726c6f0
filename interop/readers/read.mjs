// What every reader with the platform's interface does: read all streams, tell what was read.

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000, 'too late'))

/**
 * @param base   where the server is
 * @param key    the name of this run
 * @param open   (url) => EventSource
 * @param fetch  for all else
 */
export async function run({ base, key, open, fetch }) {
  const query = `key=${encodeURIComponent(key)}`
  const post = (path, body) =>
    fetch(`${base}/${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const plan = await (await fetch(`${base}/plan`)).json()
  const problems = []

  /** All events of one stream, up to the one that ends it. */
  const events = async (number) => {
    const read = []
    const source = open(`${base}/stream/${number}?${query}`)
    const end = new Promise((resolve) => {
      for (const type of plan.types) {
        source.addEventListener(type, (event) => {
          // The platform's own 'error' has no data; a stream's has.
          if (event.data === undefined) return resolve(`broke off: ${event.message ?? ''}`)
          if (type === 'end') return resolve()
          read.push([event.type, event.data, event.lastEventId])
        })
      }
    })
    const problem = await Promise.race([end, seconds(20)])
    source.close()
    if (problem) problems.push(`stream ${number}: ${problem}`)
    return read
  }

  /** Tells the server as soon as the first event is there. */
  const live = async (accel) => {
    const source = open(`${base}/live?${query}&accel=${accel}`)
    source.onmessage = () => post(`seen?${query}&accel=${accel}`)
    await Promise.race([new Promise((resolve) => source.addEventListener('end', resolve)), seconds(10)])
    source.close()
  }

  /** Reads a stream that breaks off, until the server asks to stop. */
  const reconnect = async (id) => {
    const read = []
    const source = open(`${base}/reconnect?${query}&id=${id}`)
    source.onmessage = (event) => read.push([event.data, event.lastEventId])
    const closed = new Promise((resolve) => {
      source.onerror = () => source.readyState === 2 && resolve('closed')
    })
    const stopped = (await Promise.race([closed, seconds(7)])) === 'closed'
    source.close()
    return { read, stopped }
  }

  const broken = [reconnect(0), reconnect(1)]
  const streams = []
  for (let number = 0; number < plan.streams; number++) streams.push(await events(number))
  await live(0)
  await live(1)
  const ends = await Promise.all(broken)
  const report = {
    streams,
    reconnect: ends.map(({ read }) => read),
    stopped: ends.map(({ stopped }) => stopped),
    problems,
  }
  await post(`report?${query}`, JSON.stringify(report))
}
