/** A person at a browser, and what they do there, in their words. */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';

export const PASSWORD = 'correct horse battery';

export class Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly username: string;
  readonly #problems: string[];

  private constructor(context: BrowserContext, page: Page, username: string, problems: string[]) {
    this.context = context;
    this.page = page;
    this.username = username;
    this.#problems = problems;
  }

  /** Opens the chat in a browser of their own and makes an account. */
  static async arrives(
    browser: Browser,
    url: string,
    username: string,
    device: BrowserContextOptions = {},
  ): Promise<Visitor> {
    return Visitor.enters(await browser.newContext(device), url, username);
  }

  /** Makes an account in a browser that is open already. */
  static async enters(context: BrowserContext, url: string, username: string): Promise<Visitor> {
    const visitor = await Visitor.#speaksOnlyTo(url, context, username);
    const { page } = visitor;
    await page.goto(`${url}/register`);
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Your name').fill(visitor.name);
    await page.getByRole('button', { name: 'Create account' }).click();
    await visitor.isIn();
    return visitor;
  }

  /** Somebody with an account, on another device. */
  static async returns(
    browser: Browser,
    url: string,
    username: string,
    device: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const visitor = await Visitor.#speaksOnlyTo(url, await browser.newContext(device), username);
    const { page } = visitor;
    await page.goto(`${url}/login`);
    await page.getByLabel('Username or email').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.isIn();
    return visitor;
  }

  /** The page may speak to its own server and to nobody else. */
  static async #speaksOnlyTo(url: string, context: BrowserContext, username: string): Promise<Visitor> {
    const visitor = await Visitor.comesBack(context, username);
    await context.route(
      (address) => address.origin !== url,
      (route) => {
        visitor.#problems.push(`asked for ${route.request().url()}`);
        return route.abort();
      },
    );
    return visitor;
  }

  /** Sits down at a browser that may know them. */
  static async comesBack(
    context: BrowserContext,
    username: string,
    problems: string[] = [],
  ): Promise<Visitor> {
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' && /Content Security|Trusted/i.test(line.text()))
        problems.push(line.text());
    });
    return new Visitor(context, page, username, problems);
  }

  /** Another tab of the same browser, at the same address. */
  async opensTab(): Promise<Visitor> {
    const tab = await Visitor.comesBack(this.context, this.username, this.#problems);
    await tab.page.goto(this.page.url());
    await tab.isIn();
    return tab;
  }

  async isIn(): Promise<void> {
    await expect(this.page.getByRole('button', { name: `Account of ${this.name}` })).toBeVisible();
  }

  get name(): string {
    return this.username.charAt(0).toUpperCase() + this.username.slice(1);
  }

  /** Nothing failed behind the scenes, and no other host was asked for anything. */
  async leavesInPeace(): Promise<void> {
    expect(this.#problems).toEqual([]);
    await this.context.close();
  }

  async createsRoom(name: string): Promise<void> {
    await this.page.getByRole('main').getByRole('button', { name: 'Create a room' }).click();
    await this.page.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.page.getByRole('button', { name: 'Create room' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  async joinsRoom(name: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Browse rooms' }).first().click();
    await this.page.getByRole('button', { name: `Join ${name}` }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  /** The row of a room or a person in the list at the side. */
  room(name: string): Locator {
    return this.page.getByRole('navigation').getByRole('link', { name });
  }

  get composer(): Locator {
    return this.page.locator('#composer');
  }

  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  get messages(): Locator {
    return this.page.getByRole('list', { name: /^Messages in/ }).locator('> li[data-id]');
  }

  /** Messages and what is still on its way. */
  get rows(): Locator {
    return this.page.getByRole('list', { name: /^Messages in/ }).locator('> li:is([data-id], [data-state])');
  }

  message(text: string): Locator {
    // Its own text, not the line it quotes.
    return this.messages.filter({ has: this.page.locator('p', { hasText: text }) });
  }

  async sees(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.message(text)).toBeVisible();
  }

  /** Chooses from what shows when a message is pointed at. */
  async chooses(text: string, action: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name: action, exact: true }).click();
  }
}
