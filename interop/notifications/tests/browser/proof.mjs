// The page in a real Chromium: start, receive, kill the server, start it again, go on
// without a gap, stop. Screenshots before and after are in target/browser.
//   node tests/browser/proof.mjs
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { open, target } from "./chromium.mjs";

// A port that nobody has now.
const free = createServer().listen(0, "127.0.0.1");
await once(free, "listening");
const { port } = free.address();
free.close();
await once(free, "close");
const address = `http://127.0.0.1:${port}`, log = `${target}browser/log`;
rmSync(log, { force: true });

let passed = 0, failed = 0;
const check = (claim, holds, seen) => {
  holds ? (passed += 1) : (failed += 1);
  console.log(`${holds ? "ok    " : "FAILED"} ${claim}: ${seen}`);
};

let server;
const start = async () => {
  server = spawn(`${target}debug/notifications`, ["--port", port, "--log", log], { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(address).catch(() => null)) return;
    await sleep(50);
  }
  throw new Error("the server does not listen");
};
const post = async (message, user) => {
  const headers = { "content-type": "application/json", authorization: "Bearer bob-token" };
  const body = JSON.stringify({ type: "info", message, user });
  const response = await fetch(`${address}/api/notifications`, { method: "POST", headers, body });
  if (response.status !== 201) throw new Error(await response.text());
};

await start();
const { browser, page, text, becomes, screenshot } = await open(address);
try {
  const messages = () => page.$$eval("#events li", (items) => items.map((item) => item.firstChild.data).reverse());

  check("before the start", (await text("state")) === "CLOSED", await text("state"));
  // By keyboard alone: the token, the types, then Start.
  await page.focus("#token");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await becomes("state", "OPEN");
  for (let number = 1; number <= 5; number += 1) await post(`number ${number}`);
  await post("for bob alone", "bob");
  await page.fill("#message", "<b onclick=alert(1)>not bold</b>");
  await page.keyboard.press("Enter");
  await becomes("count", "6");
  check("HTML is shown as text", (await page.$$("#events b")).length === 0, (await messages()).at(-1));
  check("events of others are not here", !(await messages()).includes("for bob alone"), await text("count"));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check("a phone need not scroll sideways", width <= 390, width);
  await screenshot("before", true);

  server.kill("SIGKILL");
  await becomes("state", "CONNECTING");
  check("killed", true, await text("state"));
  await sleep(700);
  await start();
  // Sent at once, mostly before the page is back.
  for (let number = 6; number <= 10; number += 1) await post(`number ${number}`);
  await becomes("count", "11");
  await becomes("state", "OPEN");
  const numbers = (await messages()).filter((text) => text.startsWith("number")).join();
  const wanted = Array.from({ length: 10 }, (_, at) => `number ${at + 1}`).join();
  check("it goes on without a gap", numbers === wanted, numbers);
  check("reconnects are counted", Number(await text("reconnects")) > 0, await text("reconnects"));
  await screenshot("after", true);

  await page.click("#stop");
  await becomes("state", "CLOSED");
  await post("number 11");
  await sleep(300);
  check("stopped", (await text("count")) === "11", await text("state"));
  await page.click("#start");
  await becomes("count", "12");
  check("started again, it has what came meanwhile", true, (await messages()).at(-1));
} finally {
  await browser.close();
  server.kill("SIGKILL");
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
