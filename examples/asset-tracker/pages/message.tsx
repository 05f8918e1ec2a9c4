// Pages that say one thing: that something is not there, or did not work.
import type { Request, Response } from 'express';
import type { Services } from '../services.js';
import { frameOf } from './frame.js';
import { Icon } from './icons.js';
import { Document, Page, sendPage } from './page.js';

interface Message {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

function Said({ title, text }: Message) {
  return (
    <section class="card calm">
      <Icon name="alert" />
      <h1>{title}</h1>
      <p class="hint">{text}</p>
      <p>
        <a class="button" href="/">
          Back to the members
        </a>
      </p>
    </section>
  );
}

/** To somebody who is signed in. */
export async function sendMissing(req: Request, res: Response, { database }: Services): Promise<void> {
  const message = {
    status: 404,
    title: 'There is no such page',
    text: 'The address is not right, or what was here is gone.',
  };
  const frame = await frameOf(req, res, database, message.title);
  sendPage(
    res,
    <Page {...frame}>
      <Said {...message} />
    </Page>,
    404,
  );
}

/** To anybody, and while the database may be away. */
export function sendMessage(res: Response, message: Message): void {
  sendPage(
    res,
    <Document title={message.title}>
      <main class="door" id="main">
        <Said {...message} />
      </main>
    </Document>,
    message.status,
  );
}
