# What the scanner fills and what it keeps: structs, and the names of keys. Included by scan.pxi.

cdef enum:
    OFFERS = 256      # words.MAX_OFFERS, asserted at import
    BOXES = 16
    DEPTH = 32
    ID_MAX = 128      # config.MAX_ID, asserted at import
    KEYS = 20
    LEAVES = 64       # values in one object, those of nested ones included, that a layout can hold
    KNOTS = 24        # of them, values that stay the same and go into the record
    LAYOUTS = 8       # kept for each kind of object
    SHELVES = 7       # kinds of objects
    POOL = 71184      # bytes for the literals of all layouts

cdef struct Span:
    const uchar* at
    int n

cdef struct RawMoney:
    int64_t mantissa  # -1: no amount
    int fraction      # digits after the point
    uint32_t currency  # three letters packed, 0: none

cdef struct COffer:
    Span seller, ships_from, sub_condition     # n 0: not shown
    int64_t listing, shipping, points, landed  # minor units; -1 unknown (landed: 0 or less unknown)
    int64_t count, percent, hours              # -1 unknown
    signed char fba, prime, winner, featured   # -1 unknown
    RawMoney written_listing, written_shipping  # as they stand in the bytes

cdef struct CBox:
    Span condition
    RawMoney landed, listing, shipping

cdef struct CEvent:
    Span event_id, marketplace, asin, condition
    int64_t changed_at
    uint32_t currency                          # packed, 0: no money on the page
    uint32_t latest                            # the currency that digits and scale are of; outlives the event
    int64_t scale
    int digits
    int64_t box                                # -1 unknown
    int n
    COffer offers[OFFERS]

cdef struct Key:
    const uchar* text                          # "Name": with quotes and colon
    int n

cdef struct Keys:
    int n
    int by_length, by_second, by_last           # of the hash of a name
    Key key[KEYS]
    signed char at[64]                         # hash → place in key, -1 none

cdef struct Step:                              # of a layout: these bytes, then a value of this kind
    unsigned short at, n                       # literal: from where the layout's begin, bytes
    unsigned short slot                        # where the value goes, bytes from the record's start
    unsigned char op, known                    # known: bytes of the value first seen, kept behind the literal
    bint stays                                 # the value is guessed to be that one again
    int others                                 # how often it was not

cdef struct Knot:                              # a guessed value that goes into the record
    unsigned short at, n, slot                 # at: from the stretch's first byte
    unsigned char op
    int64_t value                              # of those that are no text

cdef struct Stretch:                           # steps up to one whose value is not guessed, as one literal
    const uchar* text
    const Knot* knots
    Py_ssize_t n, slot
    int op, n_knots
    int first                                  # of its steps

cdef struct Layout:
    int n, pool                                # pool: where the literals begin
    int hits
    int64_t served
    bint fresh                                 # not hit yet
    signed char common[LAYOUTS]                # steps, from the first on, that are the same in another layout
    Step steps[LEAVES]
    Stretch stretches[LEAVES + 1]
    Knot knots[KNOTS]

cdef struct Shelf:                             # the layouts of one kind of object
    int n, room, pause, wait
    signed char order[LAYOUTS]                 # last hit first
    Layout* latest                             # the first of these
    Layout layouts[LAYOUTS]

cdef struct Leaf:
    const uchar* at
    const uchar* to
    int op
    unsigned short slot

cdef struct Recorder:                          # of the values that the general path reads in one object
    int n
    char* base
    Leaf leaves[LEAVES]

cdef struct Scan:
    const uchar* end
    CEvent* event
    CBox boxes[BOXES]
    int n_boxes
    int seen                                   # parts of the envelope found, as bits
    unsigned high                              # a byte above 0x7F stands in a string
    bint ready                                 # the shelves are set up
    int64_t hits[2]                            # objects read by a learned layout: whole notifications, parts
    int64_t misses[2]                          # and those that were not
    Recorder* recorder                         # NULL: nothing is being learned
    Recorder of_whole, of_part
    Shelf shelves[SHELVES]
    uchar pool[POOL]

cdef int64_t TEN[19]

cdef Keys K_ENVELOPE, K_META, K_PAYLOAD, K_BODY, K_TRIGGER, K_SUMMARY, K_BOX, K_OFFER, K_MONEY, K_FEEDBACK, K_TIME
cdef Keys K_POINTS, K_PRIME, K_FROM
cdef list _KEEP_KEYS = []


cdef inline int place(const Keys* keys, int length, int second, int last) noexcept nogil:
    return (length * keys.by_length + second * keys.by_second + last * keys.by_last) & 63


cdef int _keys(Keys* keys, tuple names) except -1:
    """Fill `keys` and find a hash of length, second and last letter that gives every name a place of its own."""
    keys.n = 0
    for name in names:
        text = b'"' + name.encode() + b'":' + bytes(16)  # may be read up to the next multiple of 16
        _KEEP_KEYS.append(text)
        keys.key[keys.n].text = <const uchar*>PyBytes_AS_STRING(text)
        keys.key[keys.n].n = len(text) - 16
        keys.n += 1
    for mix in range(4096):
        keys.by_length, keys.by_second, keys.by_last = 1 + (mix & 15), (mix >> 4) & 15, mix >> 8
        places = [place(keys, len(name), ord(name[1]), ord(name[len(name) - 1])) for name in names]
        if len(set(places)) == len(names):
            for i in range(64):
                keys.at[i] = places.index(i) if i in places else -1
            return 0
    raise AssertionError(names)


# In the order in which the vendor writes them: after one key the next is tried first.
_keys(&K_ENVELOPE, ("NotificationVersion", "NotificationType", "PayloadVersion", "EventTime", "NotificationMetadata", "Payload"))
_keys(&K_META, ("ApplicationId", "SubscriptionId", "PublishTime", "NotificationId"))
_keys(&K_PAYLOAD, ("AnyOfferChangedNotification",))
_keys(&K_BODY, ("SellerId", "OfferChangeTrigger", "Summary", "Offers"))
_keys(&K_TRIGGER, ("MarketplaceId", "ASIN", "ItemCondition", "TimeOfOfferChange", "OfferChangeType"))
_keys(&K_SUMMARY, (
    "NumberOfOffers", "LowestPrices", "BuyBoxPrices", "ListPrice", "MinimumAdvertisedPrice",
    "SuggestedLowerPricePlusShipping", "TotalBuyBoxEligibleOffers", "SalesRankings", "NumberOfBuyBoxEligibleOffers",
    "CompetitivePriceThreshold",
))
_keys(&K_BOX, ("Condition", "LandedPrice", "ListingPrice", "Shipping", "Points"))
_keys(&K_OFFER, (
    "SellerId", "SubCondition", "SellerFeedbackRating", "ShippingTime", "ListingPrice", "Points", "Shipping",
    "ShipsFrom", "IsFulfilledByAmazon", "IsBuyBoxWinner", "PrimeInformation", "IsExpeditedShippingAvailable",
    "IsFeaturedMerchant", "ShipsDomestically", "ShipsInternationally",
))
_keys(&K_MONEY, ("Amount", "CurrencyCode"))
_keys(&K_FEEDBACK, ("FeedbackCount", "SellerPositiveFeedbackRating"))
_keys(&K_TIME, ("MinimumHours", "MaximumHours", "AvailabilityType", "AvailableDate"))
_keys(&K_POINTS, ("PointsNumber",))
_keys(&K_PRIME, ("IsOfferPrime", "IsOfferNationalPrime"))
_keys(&K_FROM, ("Country", "State"))

TEN[0] = 1
for _i in range(1, 19):
    TEN[_i] = TEN[_i - 1] * 10
