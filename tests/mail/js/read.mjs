// Reads mails from stdin (one a line, base64) with mailparser; prints what it saw, one JSON a line.
import {createInterface} from "node:readline";
import {simpleParser} from "mailparser";

const options = {skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true};

const addresses = (field) => (field?.value ?? []).map(({name, address}) => ({name, address}));

function attachment(part) {
  const type = part.headers.get("content-type");
  return {
    name: part.filename ?? "",
    type: part.contentType,
    parameters: type?.params ?? {},
    disposition: part.contentDisposition ?? "",
    content: part.content.toString("base64"),
  };
}

function seen(mail) {
  return {
    names: mail.headerLines.map(({key}) => key),
    lines: Object.fromEntries(mail.headerLines.map(({key, line}) => [key, line])),
    subject: mail.subject ?? "",
    sender: addresses(mail.from),
    to: addresses(mail.to),
    reply_to: addresses(mail.replyTo),
    date: mail.date?.toISOString() ?? "",
    message_id: mail.messageId ?? "",
    text: mail.text ?? "",
    html: mail.html || "",
    attachments: mail.attachments.map(attachment),
  };
}

for await (const line of createInterface({input: process.stdin})) {
  console.log(JSON.stringify(seen(await simpleParser(Buffer.from(line, "base64"), options))));
}
