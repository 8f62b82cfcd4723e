// Reads one calendar from stdin with the parser named first, prints its events as JSON by uid.
import {readFileSync} from "node:fs";

const pad = (number, width = 2) => String(number).padStart(width, "0");

const utc = (date) => date.toISOString().replace(/\.\d{3}Z$/, "Z");

// Only for dates and times without a zone: node-ical builds those in the zone of the process.
function wall(date) {
  const day = [pad(date.getFullYear(), 4), pad(date.getMonth() + 1), pad(date.getDate())].join("-");
  if (date.dateOnly) return day;
  const clock = [pad(date.getHours()), pad(date.getMinutes()), pad(date.getSeconds())].join(":");
  return `${day}T${clock}`;
}

function icaljsInstant(time) {
  if (!time) return "";
  const zoneless = time.isDate || time.zone.tzid === "floating";
  return zoneless ? time.toString() : utc(new Date(time.toUnixTime() * 1000));
}

function nodeIcalInstant(date) {
  if (!date) return "";
  return date.tz ? utc(date) : wall(date);
}

async function byIcaljs(text) {
  const {default: ICAL} = await import("ical.js");
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid ?? "",
      start: icaljsInstant(event.startDate),
      end: icaljsInstant(event.endDate),
      summary: event.summary ?? "",
      description: event.description ?? "",
      status: component.getFirstPropertyValue("status") ?? "",
      sequence: event.sequence ?? 0,
      stamp: icaljsInstant(component.getFirstPropertyValue("dtstamp")),
    };
  });
}

// A text with parameters (SUMMARY;LANGUAGE=lv:…) comes as {params, val}.
const plain = (text) => text?.val ?? text ?? "";

async function byNodeIcal(text) {
  const {default: ical} = await import("node-ical");
  const components = Object.values(ical.sync.parseICS(text));
  return components.filter(({type}) => type === "VEVENT").map((event) => ({
    uid: plain(event.uid),
    start: nodeIcalInstant(event.start),
    end: nodeIcalInstant(event.end),
    summary: plain(event.summary),
    description: plain(event.description),
    status: plain(event.status),
    sequence: event.sequence ?? 0,
    stamp: nodeIcalInstant(event.dtstamp),
  }));
}

const readers = {"ical.js": byIcaljs, "node-ical": byNodeIcal};
const events = await readers[process.argv[2]](readFileSync(0, "utf8"));
events.sort((a, b) => (a.uid < b.uid ? -1 : Number(a.uid > b.uid)));
console.log(JSON.stringify(events));
