// The page as one client of a larger proof: it follows the stream until an event `end`.
//   node tests/browser/follow.mjs ADDRESS
// It prints `open` when the page listens. For each name on its input it writes a screenshot
// target/browser/NAME.png, and prints the name. In the end it prints what the page showed.
import { createInterface } from "node:readline";
import { open } from "./chromium.mjs";

const { browser, page, text, becomes, screenshot } = await open(process.argv[2]);
try {
  await page.fill("#types", "info, end");
  // The page itself keeps only the newest.
  await page.evaluate(() => {
    window.shown = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const item of addedNodes)
          window.shown.push([...item.lastChild.textContent.split(" · "), item.firstChild.data]);
    }).observe(document.getElementById("events"), { childList: true });
  });
  await page.click("#start");
  await becomes("state", "OPEN");
  console.log("open");
  const commands = createInterface({ input: process.stdin });
  commands.on("line", async (name) => {
    await screenshot(name, false);
    console.log(name);
  });
  await page.waitForFunction(() => window.shown.some(([type]) => type === "end"), undefined, { timeout: 0 });
  commands.close();
  console.log(JSON.stringify({ shown: await page.evaluate(() => window.shown), reconnects: Number(await text("reconnects")) }));
} finally {
  await browser.close();
}
