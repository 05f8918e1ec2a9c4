// Pages with a single message, such as an error.
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

function MessageCard({ title, text }: Message) {
  return (
    <section class="card calm">
      <Icon name="alert" />
      <h1>{title}</h1>
      <p class="hint">{text}</p>
      <p>
        <a class="button" href="/">
          Back to members
        </a>
      </p>
    </section>
  );
}

/** 404, for a signed-in administrator. */
export async function sendMissing(req: Request, res: Response, { database }: Services): Promise<void> {
  const message = {
    status: 404,
    title: 'Page not found',
    text: 'The address is wrong, or the page no longer exists.',
  };
  const frame = await frameOf(req, res, database, message.title);
  sendPage(
    res,
    <Page {...frame}>
      <MessageCard {...message} />
    </Page>,
    404,
  );
}

/** A message for anyone. It works without the database. */
export function sendMessage(res: Response, message: Message): void {
  sendPage(
    res,
    <Document title={message.title}>
      <main class="sign-in" id="main">
        <MessageCard {...message} />
      </main>
    </Document>,
    message.status,
  );
}
