// The same job as ours with a public driver: a fresh context, a page, navigate, the HTML, perhaps a picture, close.
//   node peer.mjs playwright|puppeteer URL JOBS CONCURRENCY html|png
import { performance } from 'node:perf_hooks';

const [, , driver, url, jobsText, concurrencyText, mode] = process.argv;
const jobs = Number(jobsText), concurrency = Number(concurrencyText), png = mode === 'png';
const executablePath = '/usr/lib/chromium/chromium-headless-shell';
const args = ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-quic'];

let browser, job;
if (driver === 'playwright') {
  const { chromium } = await import('playwright-core');
  browser = await chromium.launch({ executablePath, args, chromiumSandbox: true });
  job = async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const html = await page.content();
    if (png) await page.screenshot();
    return { html, close: () => context.close() };
  };
} else {
  const { default: puppeteer } = await import('puppeteer-core');
  browser = await puppeteer.launch({ executablePath, args, headless: 'shell', pipe: true, defaultViewport: { width: 1280, height: 800 } });
  job = async () => {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const html = await page.content();
    if (png) await page.screenshot();
    return { html, close: () => context.close() };
  };
}

await (await job()).close();
const took = [];
let started = 0, failed = 0;
const cpu0 = process.cpuUsage(), t0 = performance.now();
await Promise.all(Array.from({ length: concurrency }, async () => {
  while (started < jobs) {
    started++;
    const begin = performance.now();
    try {
      const { html, close } = await job();
      took.push(performance.now() - begin);
      if (!html) failed++;
      await close();
    } catch (error) {
      failed++;
      console.error(String(error));
    }
  }
}));
const seconds = (performance.now() - t0) / 1000, cpu = process.cpuUsage(cpu0);
took.sort((a, b) => a - b);
const at = p => took[Math.min(Math.floor(p * took.length), took.length - 1)];
console.log(JSON.stringify({ jobs, failed, seconds, rate: jobs / seconds, p50: at(0.5), p95: at(0.95), cpu: (cpu.user + cpu.system) / 1000 / jobs }));
await browser.close();
process.exit(failed ? 1 : 0);
