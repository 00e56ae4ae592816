"""English for the subjects of paintings, as curators, children and teachers would say it."""

from hicalm.world.phrases import SubjectPhrases, split_phrases


def _subject(pictures: str, plurals: str, scenes: str, words: str) -> SubjectPhrases:
    return SubjectPhrases(*(split_phrases(text) for text in (pictures, plurals, scenes, words)))


SUBJECTS: dict[str, SubjectPhrases] = {
    "seascape": _subject(
        "seascape; marine painting; coastal view; beach scene; view of the ocean; sea view; "
        "coastal landscape; ocean scene; picture of the sea; shore scene; marine view",
        "seascapes; marine paintings; coastal views; beach scenes; ocean views; sea views; "
        "pictures of the ocean; shore scenes; waves and beaches; seaside pictures",
        "waves rolling onto a beach; the open sea; the ocean; a sandy shore; a stormy sea; "
        "the coast; surf breaking on the shore; a calm bay; the horizon over the water; "
        "foaming breakers; the tide coming in; the seaside; salt water and spray; a rocky coast; "
        "the sun low over the sea; a wide stretch of water; a lagoon; the Atlantic; "
        "the Pacific coast; the Mediterranean shore; light glittering on the waves; "
        "cliffs by the sea",
        "sea; ocean; waves; beach; coast; shore; surf; seaside; tide; coastline; shoreline; bay; "
        "billows; swell; the deep blue sea; water; maritime; marine; big waves; sea and sky",
    ),
    "mountains": _subject(
        "mountain landscape; alpine scene; mountain view; view of the Alps; highland scene; "
        "mountain scene; picture of a mountain; alpine landscape; view of a mountain range",
        "mountain landscapes; alpine scenes; mountain views; highland scenes; mountain ranges; "
        "peaks and valleys; alpine landscapes; pictures of mountains; rocky summits",
        "mountains; snow-capped peaks; a rocky summit; a mountain range; the Alps; the Himalayas; "
        "Mount Fuji; jagged ridges; a valley between high mountains; steep slopes; "
        "a snowy mountain top; hills and ridges; a volcano; the highlands; a lofty pinnacle; "
        "crags and cliffs; a glacier; the Rocky Mountains; peaks covered in snow; a mountain pass",
        "mountain; peak; peaks; summit; alps; ridge; hills; highlands; alpine; mountaintop; "
        "mountainous; range; sierra; Matterhorn; Everest; Andes; high country; climbing; "
        "snowy peaks",
    ),
    "city skyline": _subject(
        "city skyline; cityscape; urban scene; city view; view of a city; skyline; "
        "urban landscape; picture of a city; view of downtown; metropolitan view; townscape",
        "city skylines; cityscapes; urban scenes; city views; skylines; urban landscapes; "
        "pictures of cities; views of skyscrapers; townscapes; metropolitan views",
        "a city with skyscrapers; tall buildings; towers of glass and steel; office blocks; "
        "downtown; a big city; the rooftops of a town; high-rise buildings; lit windows; "
        "Manhattan; New York; a metropolis; apartment blocks; the towers of a modern city; "
        "buildings against the sky; a row of skyscrapers; Chicago; a busy capital; city blocks",
        "city; skyscrapers; skyscraper; urban; buildings; town; towers; high-rises; metropolis; "
        "architecture; megacity; streets and houses; tower blocks; concrete jungle; city life; "
        "houses; big town; urban jungle",
    ),
    "still life with fruit": _subject(
        "still life with fruit; fruit still life; bowl of fruit; still life; fruit piece; "
        "food still life; tabletop still life; kitchen still life; picture of fruit",
        "still lifes with fruit; fruit still lifes; bowls of fruit; still lifes; fruit pieces; "
        "food still lifes; still life paintings; pictures of fruit; tabletop still lifes",
        "fruit on a table; apples and pears; oranges and lemons; a bottle and a bowl of fruit; "
        "a basket of peaches; ripe fruit; grapes and plums; a dish of apples; food on a table; "
        "an arrangement of fruit; a fruit bowl; citrus fruit; bananas and apples; cherries; "
        "a table laid with fruit; figs and pomegranates; an apple; something good to eat; "
        "apricots in a dish; a pear beside a jug",
        "fruit; fruits; apples; oranges; lemons; pears; grapes; peaches; nature morte; food; "
        "edible things; plums; fruit basket; harvest; citrus; berries; snack; kitchen table; "
        "melon; "
        "apple; orange; lemon",
    ),
    "vase of flowers": _subject(
        "vase of flowers; bouquet; floral still life; flower piece; flower painting; "
        "flower arrangement; floral arrangement; bunch of flowers; floral painting; posy",
        "vases of flowers; bouquets; floral still lifes; flower pieces; flower paintings; "
        "flower arrangements; bunches of flowers; floral paintings; flowers in vases",
        "flowers in a vase; a bunch of roses; sunflowers; tulips; cut flowers; peonies in a jug; "
        "blooms in a ceramic pot; lilies; daisies in a glass; a jar of wildflowers; roses; "
        "a bouquet on a table; irises in a vase; carnations; blossoms in a jug; petals and stems; "
        "chrysanthemums; a vase on a table; poppies in a vase; dahlias; freshly picked flowers",
        "flowers; vase; bouquet of flowers; roses and tulips; sunflower; rose; tulip; floral; "
        "lily; flower vase; blooms; petals; florist; daisies; posies; nosegay; orchids; peonies; "
        "flower; corsage",
    ),
    "portrait": _subject(
        "portrait; likeness; portrait of a person; portrait of a woman; portrait of a man; "
        "half-length portrait; picture of a person; portrait of a lady; head study; self-portrait",
        "portraits; likenesses; pictures of people; portraits of people; human faces; "
        "head studies; self-portraits; portraits of men and women; painted faces",
        "a person; a face; a human face; a woman looking at us; a man in a hat; a lady; "
        "a gentleman; a sitter posing; a young girl; a boy; head and shoulders; an old man; "
        "somebody looking out of the frame; a child; a person staring at the viewer; "
        "a model sitting for the painter; a noblewoman; a human figure; a mother; a king",
        "face; faces; person; people; woman; man; sitter; human; figure; head; girl; lady; "
        "someone; eyes and nose; gaze; Mona Lisa; bust portrait; portraiture; humans; headshot; "
        "ladies and gentlemen; somebody",
    ),
    "night sky": _subject(
        "night sky; starry night; nocturne; night scene; moonlit scene; night piece; "
        "nocturnal landscape; night-time landscape; moonlit landscape; view of the stars",
        "night skies; starry nights; nocturnes; night scenes; moonlit scenes; night pieces; "
        "nocturnal landscapes; pictures of the night; starry skies; moonlit landscapes",
        "stars and the moon; the moon; the night sky; a full moon; stars over a village; "
        "the Milky Way; a crescent moon; constellations; a moonlit night; twinkling stars; "
        "the heavens at night; midnight; a sky full of stars; moonlight on sleeping houses; "
        "the dark sky; planets and stars; shooting stars; the moon rising; a galaxy of stars",
        "night; stars; moon; starry; moonlight; midnight sky; nocturnal; astronomy; nighttime; "
        "star; moonlit; evening stars; cosmos; after dark; bedtime sky; lunar; outer space; comet; "
        "heavens; stargazing",
    ),
    "forest": _subject(
        "forest scene; woodland scene; forest landscape; woodland; picture of a forest; "
        "forest interior; wooded landscape; view into the woods; picture of trees",
        "forest scenes; woodland scenes; forest landscapes; woodlands; forests; forest interiors; "
        "wooded landscapes; pictures of trees; views into the woods",
        "trees in a forest; the woods; birch trunks; a dense forest; tall trees; pine trees; "
        "a grove of oaks; a clearing in the wood; tree trunks; autumn trees; "
        "a path through the trees; "
        "a jungle; undergrowth and branches; a thicket; firs and spruces; the edge of a wood; "
        "leafy branches; an old oak; beeches; a rainforest; the Black Forest",
        "forest; woods; trees; wood; tree; woodlands and groves; birches; pines; grove; jungle; "
        "timberland; leaves; foliage; oaks; trunks; branches; copse; thickets; wooded; taiga; "
        "oak tree; fir trees",
    ),
    "horse": _subject(
        "horse; horse painting; picture of a horse; equestrian picture; portrait of a horse; "
        "horse picture; equine painting; pony; stallion; mare",
        "horses; horse paintings; pictures of horses; equestrian pictures; ponies; stallions; "
        "mares; equine paintings; steeds",
        "a horse in a field; a grazing mare; a standing horse; a galloping stallion; a foal; "
        "a pony in a meadow; a racehorse; a steed; a thoroughbred; a mustang on the prairie; "
        "a horse with a long mane; a colt; a riding horse; a wild horse; a filly; "
        "a hoofed animal in a meadow; an Arabian; a horse and its shadow; a cart horse",
        "foals; mustangs; equine; equestrian; thoroughbreds; racehorses; mane and tail; hooves; "
        "colts; gallop; nag; bronco; paddock animal; stable animal; riding; horseback; cavalry; "
        "neighing animal; horsey; gee-gee; animal with four legs; Clydesdale",
    ),
    "bird": _subject(
        "bird; bird painting; picture of a bird; bird study; songbird; bird picture; "
        "avian study; portrait of a bird; ornithological picture",
        "birds; bird paintings; pictures of birds; bird studies; songbirds; bird pictures; "
        "feathered creatures; avian studies; small birds",
        "a bird on a branch; a perched songbird; a robin; a sparrow; a finch; a parrot; "
        "a small bird on a twig; a nightingale; a kingfisher; an owl; a swallow; a blackbird; "
        "a crane; an eagle; a feathered animal; a wren; a canary; a bird with bright feathers; "
        "a magpie; a bird about to sing; a crow; a thrush; a hummingbird",
        "sparrows; robin; parrots; feathers; wings; avian; beak; birdlife; feathered friend; "
        "finches; ornithology; birdie; winged animal; plumage; warbler; pigeon; dove; bluebird; "
        "chirping; wildlife with wings; birdwatching",
    ),
    "sailing ships": _subject(
        "picture of sailing ships; ship painting; ship picture; regatta; sailing scene; "
        "view of ships at sea; picture of boats; boat scene; nautical scene; harbour scene",
        "sailing ships; ship paintings; sailing boats; sailboats; sailing scenes; nautical scenes; "
        "pictures of boats; tall ships; boat scenes; ships and boats",
        "boats with white sails; a ship at sea; a fleet of sailing ships; a yacht on the water; "
        "fishing boats; a schooner; a galleon; vessels under full sail; a frigate; a clipper; "
        "sailing vessels in the harbour; two boats in the wind; a catamaran; a regatta on the bay; "
        "a three-master; masts and rigging; a sloop; ships leaving port; a dinghy; "
        "a voyage by ship",
        "ships; ship; boats; boat; sailboat; sails; yacht; sailing; vessels; vessel; yachts; "
        "schooners; nautical; galleons; armada; fleet; masts; sailors; seafaring; catamarans; "
        "watercraft; pirate ship",
    ),
    "desert": _subject(
        "desert; desert landscape; desert scene; view of the desert; picture of sand dunes; "
        "arid landscape; dune landscape; view of the Sahara; cactus picture",
        "deserts; desert landscapes; desert scenes; sand dunes; dunes; arid landscapes; "
        "pictures of the desert; dune landscapes; cactus pictures",
        "rolling dunes; the Sahara; cacti under the sun; a dry desert; an arid land; "
        "a desert with a cactus; endless sand; a barren sandy waste; the Gobi; Arizona; "
        "the Mojave; a parched plain; camels would live here; scorching drylands; hot sand; "
        "a saguaro; windblown sand; the outback; a wilderness of sand; wastelands; "
        "a waterless plain",
        "sand; dune; sandy; cactus; cacti; Sahara desert; arid; dry land; barren; oasis; mirage; "
        "badlands; desolate; parched; drought; camel country; sandhills; dry; Death Valley; "
        "sand and sun; Kalahari",
    ),
    "garden": _subject(
        "garden; garden scene; view of a garden; garden picture; garden landscape; "
        "picture of a garden; park scene; painting of a garden path; view of a park",
        "gardens; garden scenes; views of gardens; garden pictures; parks and gardens; "
        "pictures of gardens; garden paths; flower beds; park scenes",
        "a garden path; flower beds along a path; a blooming garden; a park; a backyard in bloom; "
        "a garden in spring; a flowering meadow; Giverny; hedges and borders; a cottage garden; "
        "a lawn with shrubs; botanical grounds; an orchard; a path between flowers; a rose garden; "
        "a kitchen garden; plants growing outdoors; a walk among bushes; a front yard; "
        "a courtyard garden",
        "gardening; park; backyard; path; hedges; shrubs; borders; yard; lawn; orchard walk; "
        "flowerbed; botanical garden; gardens in bloom; allotment; walkway; bushes; landscaping; "
        "horticulture; parkland; meadow; greenery outdoors; gardener",
    ),
}
