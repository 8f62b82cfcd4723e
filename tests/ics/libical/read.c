/* Reads one calendar from stdin with libical and prints JSON:
 * {"events": [... by uid ...], "errors": ["text of each X-LIC-ERROR"], "error_count": 0,
 *  "restrictions": true}. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *in)
{
    size_t used = 0, room = 1 << 16, got;
    char *text = malloc(room);
    while (text && (got = fread(text + used, 1, room - used - 1, in)) > 0) {
        used += got;
        if (room - used < 2) {
            text = realloc(text, room *= 2);
        }
    }
    if (text) {
        text[used] = '\0';
    }
    return text;
}

static void print_string(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)(text ? text : ""); *c; c++) {
        if (*c == '"' || *c == '\\') {
            printf("\\%c", *c);
        } else if (*c < 0x20) {
            printf("\\u%04x", *c);
        } else {
            putchar(*c);
        }
    }
    putchar('"');
}

static void print_text(const char *key, const char *text)
{
    printf("\"%s\": ", key);
    print_string(text);
    fputs(", ", stdout);
}

/* A date stays a date and a time without a zone stays without "Z": neither is an instant. */
static void print_time(const char *key, icaltimetype when)
{
    char text[40] = "";
    if (when.zone && !when.is_date) {
        when = icaltime_convert_to_zone(when, icaltimezone_get_utc_timezone());
    }
    if (when.is_date) {
        snprintf(text, sizeof text, "%04d-%02d-%02d", when.year, when.month, when.day);
    } else if (!icaltime_is_null_time(when)) {
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%s", when.year, when.month,
                 when.day, when.hour, when.minute, when.second, when.zone ? "Z" : "");
    }
    print_text(key, text);
}

static const char *status_of(icalcomponent *event)
{
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    return status ? icalproperty_get_value_as_string(status) : "";
}

static void print_event(icalcomponent *event)
{
    putchar('{');
    print_text("uid", icalcomponent_get_uid(event));
    print_time("start", icalcomponent_get_dtstart(event));
    print_time("end", icalcomponent_get_dtend(event));
    print_text("summary", icalcomponent_get_summary(event));
    print_text("description", icalcomponent_get_description(event));
    print_text("status", status_of(event));
    print_time("stamp", icalcomponent_get_dtstamp(event));
    printf("\"sequence\": %d}", icalcomponent_get_sequence(event));
}

static int by_uid(const void *left, const void *right)
{
    const char *a = icalcomponent_get_uid(*(icalcomponent *const *)left);
    const char *b = icalcomponent_get_uid(*(icalcomponent *const *)right);
    return strcmp(a ? a : "", b ? b : "");
}

static void print_events(icalcomponent *calendar)
{
    int count = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT), index = 0;
    icalcomponent **events = calloc((size_t)count + 1, sizeof *events);
    icalcomponent *next = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; events && next && index < count; index++) {
        events[index] = next;
        next = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT);
    }
    qsort(events, (size_t)index, sizeof *events, by_uid);
    for (int shown = 0; shown < index; shown++) {
        fputs(shown ? ", " : "", stdout);
        print_event(events[shown]);
    }
    free(events);
}

/* Prints the errors of a component and all inside it; returns how many are printed by now. */
static int print_errors(icalcomponent *component, int printed)
{
    icalproperty *error =
        icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);
    for (; error; error = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
        fputs(printed++ ? ", " : "", stdout);
        print_string(icalproperty_get_xlicerror(error));
    }
    icalcomponent *inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT);
    for (; inner; inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
        printed = print_errors(inner, printed);
    }
    return printed;
}

int main(void)
{
    char *text = read_all(stdin);
    icalcomponent *calendar = text ? icalparser_parse_string(text) : NULL;
    if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
        fputs("not one VCALENDAR\n", stderr);
        free(text);
        return 1;
    }
    /* First: a broken restriction is noted as one more X-LIC-ERROR. */
    int restrictions = icalrestriction_check(calendar);
    fputs("{\"events\": [", stdout);
    print_events(calendar);
    fputs("], \"errors\": [", stdout);
    int errors = print_errors(calendar, 0);
    printf("], \"error_count\": %d, \"restrictions\": %s}\n", errors,
           restrictions ? "true" : "false");
    icalcomponent_free(calendar);
    free(text);
    return 0;
}
