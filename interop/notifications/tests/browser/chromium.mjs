// The page in Debian's Chromium, driven by playwright-core, which is in target/browser.
import { createRequire } from "node:module";

export const target = new URL("../../target/", import.meta.url).pathname;
const { chromium } = createRequire(`${target}browser/`)("playwright-core");

/** Opens the page on a screen as small as a phone's. */
export const open = async (address) => {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(15000);
  await page.goto(address);
  return {
    browser,
    page,
    text: (id) => page.textContent(`#${id}`),
    becomes: (id, value) =>
      page.waitForFunction(([id, value]) => document.getElementById(id).textContent === value, [id, value]),
    screenshot: (name, fullPage) => page.screenshot({ path: `${target}browser/${name}.png`, fullPage }),
  };
};
