// All events of one stream, by the platform's interface.

/** Opens `source`, and resolves when its connection ends. */
export function read(source, types) {
  return new Promise((resolve) => {
    const events = []
    for (const type of types) {
      source.addEventListener(type, (event) => events.push([event.type, event.data, event.lastEventId]))
    }
    // The end of a stream is an error, after which the platform would connect again.
    source.onerror = () => {
      source.close()
      resolve(events)
    }
  })
}
